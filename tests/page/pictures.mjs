// Pictures that are drawn: rectangles in any colours, which a seed decides, as PNG files.

import { deflateSync } from 'node:zlib';

function dice(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

/** { width, height, rows }: rows of RGB. */
export function drawing(seed, width = 320, height = 240) {
  const roll = dice(seed);
  const picture = { width, height, rows: Array.from({ length: height }, () => Buffer.alloc(3 * width, 200)) };
  for (let i = 0; i < 220; ++i) {
    const left = roll(width - 8),
      top = roll(height - 8);
    const right = Math.min(width, left + 4 + roll(width / 4)),
      bottom = Math.min(height, top + 4 + roll(height / 4));
    const colour = [roll(256), roll(256), roll(256)];
    for (let y = top; y < bottom; ++y) for (let x = left; x < right; ++x) picture.rows[y].set(colour, 3 * x);
  }
  return picture;
}

/** A photo: the picture lies on another one, its left top corner at `left`, `top`. */
export function photoOf(picture, left = 90, top = 70, background = 999) {
  const photo = drawing(background, picture.width + 2 * left, picture.height + 2 * top);
  picture.rows.forEach((row, y) => photo.rows[top + y].set(row, 3 * left));
  return photo;
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(checksum(body), body.length + 4);
  return out;
}

// Node 18 has no crc32 of its own.
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; ++k) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
function checksum(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export function png({ width, height, rows }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const lines = Buffer.concat(rows.flatMap((row) => [Buffer.from([0]), row]));
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A format that the server reads and a browser does not. */
export const ppm = ({ width, height, rows }) => Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), ...rows]);

/** A file as Playwright gives it to an input. */
export const asFile = (name, buffer, mimeType = 'image/png') => ({ name, mimeType, buffer });
