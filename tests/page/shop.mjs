// A small shop of drawn pictures.

import { Server } from './harness.mjs';
import { asFile, drawing, photoOf, png } from './pictures.mjs';

export const TEA = drawing(1),
  CUP = drawing(2),
  POT = drawing(3);

/** A server with some items, for `run`. */
export const shop =
  (flags = () => []) =>
  async (folder) => {
    const server = await Server.start(`${folder.path}/db`, flags(folder));
    await server.put('tea', [png(TEA)], { title: 'Green tea', kind: 'drink', price: '4.50' });
    await server.put('ware/cup', [png(CUP), png(drawing(22))], { kind: 'ware', price: '12' });
    await server.put('ware/pot', [png(POT)], { kind: 'ware', price: '30' });
    return { server, url: server.url, close: () => server.stop() };
  };

export const teaPhoto = () => asFile('table.png', png(photoOf(TEA)));
export const otherPhoto = () => asFile('street.png', png(drawing(77, 480, 360)));
/** Two items beside each other. */
export function shelfPhoto() {
  const photo = photoOf(TEA, 60, 60);
  const wide = drawing(555, 900, 380);
  photo.rows.forEach((row, y) => wide.rows[y]?.set(row, 0));
  CUP.rows.forEach((row, y) => wide.rows[80 + y].set(row, 3 * 520));
  return asFile('shelf.png', png(wide));
}

/** Gives photos to the page and asks. */
export async function askFor(page, files) {
  await page.setInputFiles('#files', files);
  await page.getByRole('button', { name: /^Ask/ }).click();
  await page.waitForURL(/#\/answer/);
}
