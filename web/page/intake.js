// The ways by which photos come in: dropped, pasted, chosen, or taken with the camera.

import { button, h, openDialog, svg } from './dom.js';

/** What the server reads; a browser may show less of it. */
export const KINDS = 'image/*,.heic,.heif,.avif,.tif,.tiff,.bmp,.pgm,.ppm';

/** A photo with an outline in it: what this page is about. */
const sign = () =>
  svg(
    'svg',
    { viewBox: '0 0 96 72', class: 'sign', 'aria-hidden': 'true' },
    svg('rect', { x: 2, y: 2, width: 92, height: 68, rx: 10 }),
    svg('path', { d: 'M2 58l22-20 16 12 22-26 32 30' }),
    svg('path', { class: 'mark', d: 'M34 16l32-4 4 40-38 4z' }),
    [
      [34, 16],
      [66, 12],
      [70, 52],
      [32, 56],
    ].map(([cx, cy]) => svg('circle', { cx, cy, r: 3.5 })),
  );

/** The place to drop photos. `receive(files)` is called with what came in, also by pasting into `section`. */
export function intake(section, receive) {
  const take = ({ target }) => {
    const files = [...target.files];
    target.value = ''; // so that the same file may come again
    receive(files);
  };
  const file = { type: 'file', class: 'sr', on: { change: take } };
  const chosen = h('input', { ...file, id: 'files', multiple: true, accept: KINDS });
  const shot = { id: 'shot', accept: 'image/*', capture: 'environment', tabindex: '-1' };
  const taken = h('input', { ...file, ...shot, 'aria-label': 'A photo from the camera' });
  const live = navigator.mediaDevices?.getUserMedia && isSecureContext;
  // Without a live camera, or when it is refused, the device's own way remains.
  const camera = button('Take a photo', async () => {
    const photo = live ? await fromCamera() : null;
    if (photo) receive([photo]);
    else if (photo === null) taken.click();
  });
  const place = h(
    'div',
    { class: 'drop' },
    sign(),
    h(
      'div',
      { class: 'words' },
      h('strong', {}, 'Drop photos here'),
      h('span', {}, 'paste them, choose files, or use the camera'),
    ),
    h(
      'div',
      { class: 'row' },
      h('label', { for: 'files', class: 'button main choose' }, 'Choose photos'),
      chosen,
      taken,
      camera,
    ),
  );
  listen(section, place, receive);
  return place;
}

function listen(section, place, receive) {
  section.addEventListener('dragover', (event) => {
    event.preventDefault();
    place.classList.add('over');
  });
  section.addEventListener('dragleave', () => place.classList.remove('over'));
  section.addEventListener('drop', (event) => {
    event.preventDefault();
    place.classList.remove('over');
    receive([...event.dataTransfer.files]);
  });
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
    if (!files.length || section.hidden) return;
    event.preventDefault();
    receive(files);
  });
}

/** A photo of the live camera; null without one, and undefined when the person changes their mind. */
async function fromCamera() {
  let stream;
  try {
    const video = { facingMode: 'environment', width: { ideal: 4096 }, height: { ideal: 3072 } };
    stream = await navigator.mediaDevices.getUserMedia({ video });
  } catch {
    return null;
  }
  const video = h('video', { autoplay: true, playsinline: true, 'aria-label': 'What the camera sees' });
  video.muted = true;
  video.srcObject = stream;
  const choice = await openDialog('Take a photo', video, (close) => [
    button('Cancel', () => close('')),
    button('Take it', () => close('take'), { class: 'main' }),
  ]);
  try {
    if (choice !== 'take' || !video.videoWidth) return undefined;
    const canvas = h('canvas', { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext('2d').drawImage(video, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.95));
    return new File([blob], 'camera.jpg', { type: 'image/jpeg' });
  } finally {
    stream.getTracks().forEach((track) => track.stop());
  }
}
