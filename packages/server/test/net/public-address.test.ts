import { expect, test } from 'vitest'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { isPublicAddress } from '../../src/net/public-address.ts'

test.each(
  `0.0.0.0 0.1.2.3 10.1.1.1 100.64.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1
  192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::a00:1
  ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b:1::a00:1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1
  168.63.129.16 ::ffff:168.63.129.16 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:a00:1:: 4000::1 5f00::1`.split(
    /\s+/,
  ),
)('%s is not public', address => {
  expect(isPublicAddress(address)).toBe(false)
})

test.each(['8.8.8.8', '168.63.129.17', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])(
  '%s is public',
  address => {
    expect(isPublicAddress(address)).toBe(true)
  },
)

const guardedFetch = createGuardedFetch({ allowHosts: ['GPU-box', '10.0.0.7:8080', '::1', '192.168.0.2:80'] })

test.each([
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://0/',
  'http://127。0。0。1/',
  'http://[::]/',
  'http://[::ffff:7f00:1]/',
  'http://[::127.0.0.1]/',
  'http://10.0.0.7/',
  'http://10.0.0.7:80801/',
  'http://10.0.0.7:8081/',
  'https://192.168.0.2/',
  'http://user:word@8.8.8.8/',
  'http://user@8.8.8.8/',
  'file:///etc/passwd',
  'ftp://8.8.8.8/',
  'gopher://8.8.8.8/',
  'javascript:0',
  'blob:http://8.8.8.8/1',
  '//8.8.8.8/',
  '/etc/passwd',
  '',
])('%s is refused before anything is sent', address => {
  expect(() => guardedFetch.parse(address)).toThrow(expect.objectContaining({ name: 'FetchRefusal' }))
})

test.each([
  'http://gpu-box:99/',
  'http://10.0.0.7:8080/',
  'https://[::1]/',
  'http://192.168.0.2/',
  'http://8.8.8.8/',
])('%s is not refused', address => {
  expect(guardedFetch.parse(address).href).toBe(address)
})
