// One and the same tar, of a file usr/share/hello, as xz and zstd wrote it.
/** The sha256 of what both hold. */
export const tarSha256 = 'bf7a055dc319868970d3776682ef4306f0ee89e0cedb5bc5ecf1971c708d9f03';
/** A .tar.xz. */
export const xzSample = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/AH1dABcLyyeJ8u037UHTqbAoQoYJfg0x36Lta9/wuSu0dRLjrVu6Ud' +
    'cQtGJZ3KhOdWm6U6VlwVpMgURjy6Oc/ZBDQQSEby8As1/y6Uf/QfBep05XuihMat3GusHnyGGwrppBkjAresszoG4e' +
    's5wTfVf9bBMRVevgKwQ6cRl9XTUAAAAAAO2mNbYttDofAAGZAYBQAABtIrlFscRn+wIAAAAABFla',
  'base64',
);
/** A .tar.zst. */
export const zstdSample = Buffer.from(
  'KLUv/WQAJ90CAFKEDhKQzwEYwAAwgbubOhFqMeaYQwoHaXVDHbf3Qan2FEL5Xdl01vOexyGDzzeEX8rhQ+cSE0k2m0' +
    'LOKkIMIIAZWQfPC/C9L8DzFMYAsD9IHiRhIAeDAphHlR3A0NMz',
  'base64',
);
