// The photo, warped onto the item, and the item's picture over each other: with a slider between
// them, in turns, and with the blocks that look alike or do not.

import { button, field, h, svg } from './dom.js';
import { share } from './words.js';
import { readPixels, warp } from './warp.js';

const LONG_SIDE = 640;
const FASTEST = 3; // changes a second; more may cause seizures (WCAG 2.3.1)

/** { elements, stop() }. */
export async function laidOver(photo, item, result) {
  const size = { width: result.item_width, height: result.item_height };
  const scale = LONG_SIDE / Math.max(size.width, size.height);
  const canvas = h('canvas', {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
    role: 'img',
    'aria-label': `What ${photo.name} shows in the place of the item`,
  });
  warp(await readPixels(photo.url, photo.width, photo.height), result.homography, size, canvas);
  const stage = h(
    'div',
    { class: 'over-stage' },
    h('img', { src: item.url, alt: `The picture of ${item.name}` }),
    canvas,
    h('span', { class: 'edge', 'aria-hidden': 'true' }),
  );
  stage.style.aspectRatio = `${size.width} / ${size.height}`;
  stage.style.maxWidth = `calc(56dvh * ${size.width / size.height})`;

  const said = h('output', { class: 'sr' });
  const slider = h('input', {
    type: 'range',
    min: 0,
    max: 100,
    value: 50,
    on: { input: () => slide(Number(slider.value)) },
  });
  function slide(at) {
    stop();
    canvas.style.clipPath = `inset(0 ${100 - at}% 0 0)`;
    stage.querySelector('.edge').style.left = `${at}%`;
    slider.setAttribute(
      'aria-valuetext',
      at === 0 ? 'only the item' : at === 100 ? 'only the photo' : `the photo on the left ${at} %`,
    );
  }
  let timer = 0,
    photoShown = true;
  const speed = h('input', {
    type: 'range',
    min: 0.5,
    max: FASTEST,
    step: 0.25,
    value: 1,
    on: {
      input: () => {
        if (timer) blink();
      },
    },
  });
  const turn = () => show(!photoShown);
  function show(photoOnTop) {
    photoShown = photoOnTop;
    canvas.style.clipPath = photoOnTop ? 'none' : 'inset(0 100% 0 0)';
    said.textContent = photoOnTop ? 'The photo is shown.' : 'The item is shown.';
    stage.classList.add('whole');
  }
  function blink() {
    clearInterval(timer);
    speed.setAttribute('aria-valuetext', `${speed.value} times a second`);
    timer = setInterval(turn, 1000 / Number(speed.value));
    toggle.setAttribute('aria-pressed', 'true');
    turn();
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    toggle.setAttribute('aria-pressed', 'false');
    stage.classList.remove('whole');
  }
  const toggle = button(
    'Blink',
    () => {
      if (timer) slide(Number(slider.value));
      else blink();
    },
    { 'aria-pressed': 'false' },
  );
  const swap = button('Swap once', () => {
    stop();
    turn();
  });
  slide(50);
  return {
    stop,
    elements: [
      h(
        'div',
        { class: 'two' },
        h(
          'section',
          { class: 'sheet' },
          h('h2', {}, 'Laid over each other'),
          h('p', {}, 'The photo, straightened, on the left of the edge; the item’s own picture on the right.'),
          stage,
          field('Edge between the two', slider),
          h('div', { class: 'row' }, toggle, swap, field('Changes a second', speed)),
          said,
        ),
        blocksOf(item, result, size),
      ),
    ],
  };
}

function blocksOf(item, result, size) {
  const blocks = result.blocks ?? [];
  const alike = blocks.filter((block) => block[4] === 1).length;
  if (!blocks.length)
    return h(
      'section',
      { class: 'sheet' },
      h('h2', {}, 'Where they look alike'),
      h('p', {}, 'The item’s picture has no texture to compare.'),
    );
  const unit = Math.max(size.width, size.height) / 300;
  const rect = ([left, top, right, bottom, same]) =>
    svg(
      'g',
      { class: same ? 'alike' : 'unlike' },
      svg('rect', { x: left + 0.5, y: top + 0.5, width: right - left, height: bottom - top }),
      !same &&
        svg('path', {
          d: `M${left + unit + 0.5} ${top + unit + 0.5}L${right - unit + 0.5} ${bottom - unit + 0.5}M${right - unit + 0.5} ${top + unit + 0.5}L${left + unit + 0.5} ${bottom - unit + 0.5}`,
        }),
    );
  const drawing = svg(
    'svg',
    {
      viewBox: `0 0 ${size.width} ${size.height}`,
      class: 'blocks',
      role: 'img',
      'aria-label': `${item.name} with the blocks that look alike and those that do not`,
    },
    svg('image', { href: item.url, width: size.width, height: size.height, preserveAspectRatio: 'none' }),
    blocks.map(rect),
  );
  drawing.style.maxWidth = `calc(56dvh * ${size.width / size.height})`;
  return h(
    'section',
    { class: 'sheet' },
    h('h2', {}, 'Where they look alike'),
    h(
      'p',
      {},
      `${alike} of ${blocks.length} blocks with texture look alike (${share(alike / blocks.length)}). Clear blocks do; crossed ones do not; what has no mark has no texture or is not in the photo.`,
    ),
    drawing,
  );
}
