import type { ReactNode } from 'react'

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body style={{ background: '#12a594' }}>{children}</body>
    </html>
  )
}
