// The photos that are asked about, with their answers, for as long as the page is open.

import { json, query } from './api.js';

/** Tells its listeners 'change' whenever a photo comes, goes, or gets further. */
export const photos = new (class extends EventTarget {
  all = [];
  filter = []; // [column, condition]
  top = 10;
  exact = false;
  #next = 1;

  add(files) {
    for (const file of files) this.all.push(Object.assign(photoOf(file), { number: this.#next++, state: 'new' }));
    this.changed();
  }

  remove(photo) {
    photo.abort?.abort();
    URL.revokeObjectURL(photo.url);
    this.all = this.all.filter((other) => other !== photo);
    this.changed();
  }

  find(number) {
    return this.all.find((photo) => photo.number === number);
  }

  /** Those that have no answer yet to the question as it is set now. */
  unanswered() {
    return this.all.filter((photo) => photo.state !== 'done' || photo.asked !== this.question(photo));
  }

  /** Asks these, two at a time. */
  async ask() {
    const asked = this.unanswered();
    for (const photo of asked) photo.state = 'waiting';
    this.changed();
    const queue = [...asked];
    const work = async () => {
      for (let photo = queue.shift(); photo; photo = queue.shift())
        if (photo.state === 'waiting') await this.#askOne(photo);
    };
    await Promise.all([work(), work()]);
    return asked;
  }

  question(photo) {
    return query([
      ['all', true],
      ['explain', true],
      ['top', this.top],
      ['exact', this.exact],
      ['crop', cropOf(photo)],
      ...this.filter.map(([column, condition]) => ['where', `${column}=${condition}`]),
    ]);
  }

  async #askOne(photo) {
    const asked = this.question(photo);
    Object.assign(photo, { state: 'asking', note: '', problem: null, asked, abort: new AbortController() });
    this.changed();
    try {
      // The file itself is sent, untouched, since the server sees more in it than the page would.
      photo.answer = await json(`v1/query${asked}`, {
        method: 'POST',
        body: photo.file,
        headers: { 'Content-Type': 'application/octet-stream' },
        signal: photo.abort.signal,
        waiting: (seconds) => {
          photo.note = `The server is busy; asking again in ${seconds} s.`;
          this.changed();
        },
      });
      performance.mark('answer-here');
      await photo.measured; // how it is shown depends on that
      photo.state = 'done';
    } catch (problem) {
      photo.state = problem.name === 'AbortError' ? 'new' : 'failed';
      photo.problem = problem;
    }
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
})();

/** The part of a photo that is looked at, as the server wants it; empty: all of it. */
export const cropOf = ({ crop }) => (crop ? [crop.left, crop.top, crop.width, crop.height].join(',') : '');

/** A photo of a file. `measured` settles when its size is known, or that the browser cannot read its format. */
export function photoOf(file) {
  // An SVG is no photo but a document, which may load others: it is sent to the server, and never shown.
  const url = file.type === 'image/svg+xml' ? null : URL.createObjectURL(file);
  const photo = { file, name: file.name || 'photo', url };
  photo.measured = measure(photo);
  return photo;
}

async function measure(photo) {
  try {
    if (!photo.url) throw new Error('not shown');
    const image = new Image();
    image.src = photo.url;
    await image.decode();
    Object.assign(photo, { readable: true, width: image.naturalWidth, height: image.naturalHeight });
  } catch {
    photo.readable = false;
  }
}
