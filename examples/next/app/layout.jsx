export default function Layout({ children }) {
  return (
    <html lang="en">
      <body style={{ background: '#12a594' }}>{children}</body>
    </html>
  )
}
