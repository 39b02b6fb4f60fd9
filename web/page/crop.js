// Choosing a part of a photo, by dragging or by numbers. The file stays whole: the server is told
// which part to look at.

import { button, field, h, openDialog } from './dom.js';

const SIDES = ['left', 'top', 'width', 'height'];
const LEAST_PX = 16;

/** Lets a person set `photo.crop`, in pixels of the photo; null is all of it. */
export async function cropper(photo) {
  const whole = { left: 0, top: 0, width: photo.width, height: photo.height };
  let box = { ...(photo.crop ?? whole) };
  const frame = h('div', { class: 'crop-box', 'aria-hidden': 'true' });
  const stage = h(
    'div',
    { class: 'crop-stage' },
    h('img', { src: photo.url, alt: `The photo ${photo.name}`, draggable: 'false' }),
    frame,
  );
  const inputs = SIDES.map((side) =>
    h('input', {
      type: 'number',
      min: 0,
      step: 1,
      on: { change: (event) => type(side, Math.round(Number(event.target.value)) || 0) },
    }),
  );

  function set(wish) {
    const width = Math.min(Math.max(LEAST_PX, wish.width), photo.width),
      height = Math.min(Math.max(LEAST_PX, wish.height), photo.height);
    box = {
      left: Math.min(Math.max(0, wish.left), photo.width - width),
      top: Math.min(Math.max(0, wish.top), photo.height - height),
      width,
      height,
    };
    frame.style.left = `${(100 * box.left) / photo.width}%`;
    frame.style.top = `${(100 * box.top) / photo.height}%`;
    frame.style.width = `${(100 * box.width) / photo.width}%`;
    frame.style.height = `${(100 * box.height) / photo.height}%`;
    SIDES.forEach((side, i) => {
      inputs[i].value = box[side];
    });
  }

  // What was typed is kept as far as possible, and the opposite side moves.
  function type(side, value) {
    const wish = { ...box, [side]: Math.max(0, value) };
    wish.left = Math.min(wish.left, photo.width - LEAST_PX);
    wish.top = Math.min(wish.top, photo.height - LEAST_PX);
    set({
      ...wish,
      width: Math.min(wish.width, photo.width - wish.left),
      height: Math.min(wish.height, photo.height - wish.top),
    });
  }

  const at = (event) => {
    const area = stage.getBoundingClientRect();
    const within = (value, size) => Math.min(1, Math.max(0, value / size));
    return {
      x: within(event.clientX - area.left, area.width) * photo.width,
      y: within(event.clientY - area.top, area.height) * photo.height,
    };
  };
  stage.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    stage.setPointerCapture(event.pointerId);
    const from = at(event),
      old = box;
    // Inside a part that was chosen already, dragging moves it; elsewhere it draws a new one.
    const moves =
      old.width < photo.width * 0.98 &&
      from.x > old.left &&
      from.x < old.left + old.width &&
      from.y > old.top &&
      from.y < old.top + old.height;
    const drag = (moved) => {
      const to = at(moved);
      if (moves) set({ ...old, left: Math.round(old.left + to.x - from.x), top: Math.round(old.top + to.y - from.y) });
      else if (Math.hypot(to.x - from.x, to.y - from.y) > LEAST_PX)
        set({
          left: Math.round(Math.min(from.x, to.x)),
          top: Math.round(Math.min(from.y, to.y)),
          width: Math.round(Math.abs(to.x - from.x)),
          height: Math.round(Math.abs(to.y - from.y)),
        });
    };
    stage.addEventListener('pointermove', drag);
    stage.addEventListener('lostpointercapture', () => stage.removeEventListener('pointermove', drag), { once: true });
  });

  const labels = ['Left', 'Top', 'Width', 'Height'];
  set(box);
  const value = await openDialog(
    'Crop the photo',
    h(
      'div',
      {},
      h('p', {}, 'Drag a box around what you mean, or type its pixels.'),
      stage,
      h(
        'div',
        { class: 'row numbers' },
        inputs.map((input, i) => field(labels[i], input)),
      ),
    ),
    (close) => [
      button('Cancel', () => close('')),
      button('Whole photo', () => close('whole')),
      button('Use this part', () => close('use'), { class: 'main' }),
    ],
  );
  if (value === 'whole') photo.crop = null;
  if (value === 'use') photo.crop = SIDES.every((side) => box[side] === whole[side]) ? null : box;
}
