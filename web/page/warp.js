// The photo as it would look from straight in front of the item, so that the two can be laid over
// each other. The homography takes pixels of the item's picture to pixels of the photo; the centres
// of pixels are at whole numbers.

const MOST_PX = 2048; // long side of the photo that is sampled

/** The pixels of a photo for `warp`, reduced when it is very large. */
export async function readPixels(url, width, height) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const scale = Math.min(1, MOST_PX / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { data, width: canvas.width, height: canvas.height, full: { width, height } };
}

/** Fills a canvas, which has the shape of the item, with what the photo shows in the item's place. */
export function warp(photo, homography, item, canvas) {
  const [a, b, c, d, e, f, g, h, i] = homography;
  const context = canvas.getContext('2d');
  const out = context.createImageData(canvas.width, canvas.height);
  const { data, width, height } = photo;
  const sx = width / photo.full.width,
    sy = height / photo.full.height;
  for (let row = 0, to = 0; row < canvas.height; ++row) {
    const v = ((row + 0.5) * item.height) / canvas.height - 0.5;
    for (let column = 0; column < canvas.width; ++column, to += 4) {
      const u = ((column + 0.5) * item.width) / canvas.width - 0.5;
      const w = g * u + h * v + i;
      const x = ((a * u + b * v + c) / w + 0.5) * sx - 0.5,
        y = ((d * u + e * v + f) / w + 0.5) * sy - 0.5;
      if (!(x >= -0.5 && y >= -0.5 && x < width - 0.5 && y < height - 0.5)) continue; // stays transparent
      const x0 = Math.max(0, Math.floor(x)),
        y0 = Math.max(0, Math.floor(y));
      const x1 = Math.min(width - 1, x0 + 1),
        y1 = Math.min(height - 1, y0 + 1);
      const fx = Math.max(0, x - x0),
        fy = Math.max(0, y - y0);
      const p = 4 * (y0 * width + x0),
        q = 4 * (y0 * width + x1),
        r = 4 * (y1 * width + x0),
        s = 4 * (y1 * width + x1);
      for (let k = 0; k < 3; ++k) {
        const upper = data[p + k] + (data[q + k] - data[p + k]) * fx,
          lower = data[r + k] + (data[s + k] - data[r + k]) * fx;
        out.data[to + k] = upper + (lower - upper) * fy;
      }
      out.data[to + 3] = 255;
    }
  }
  context.putImageData(out, 0, 0);
}
