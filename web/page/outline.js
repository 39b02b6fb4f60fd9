// A photo with an outline for every hit, and the links between the outlines and a list beside it.

import { h, svg } from './dom.js';

/**
 * `entries` have a hit and its card in the list. Pointing at either marks both; choosing an outline
 * moves to the card. Arrow keys go from outline to outline, which are one stop of the Tab key.
 */
export function outlinedPhoto(photo, entries, size) {
  const image = h('img', { src: photo.url, alt: `The photo ${photo.name}` });
  const shapes = svg('g', {});
  const drawing = svg('svg', { viewBox: `0 0 ${size.width} ${size.height}`, class: 'outlines', role: 'group', 'aria-label': 'Outlines of the hits' }, shapes);
  const stage = h('div', { class: 'stage' }, photo.readable ? image : h('div', { class: 'unseen' }, 'This browser cannot show the photo. The outlines are where the server saw the items.'), drawing);
  stage.style.aspectRatio = `${size.width} / ${size.height}`;
  stage.style.setProperty('--shape', size.width / size.height);

  const outlined = entries.filter(({ hit }) => hit.polygon);
  for (const entry of outlined) {
    const { hit, card, label } = entry;
    const corners = hit.polygon.map(([x, y]) => `${x + 0.5},${y + 0.5}`).join(' ');
    const [x, y] = hit.polygon.reduce((a, b) => (a[0] + a[1] <= b[0] + b[1] ? a : b));
    const badge = svg('g', { class: 'badge' }, svg('circle', { r: 1 }), svg('text', { 'text-anchor': 'middle', 'dominant-baseline': 'central' }, hit.rank));
    badge.at = [Math.min(Math.max(x, 0), size.width), Math.min(Math.max(y, 0), size.height)];
    const shape = svg('g', { class: hit.accepted ? 'outline accepted' : 'outline rejected', role: 'button', tabindex: '-1', 'aria-label': label },
      svg('polygon', { points: corners, class: 'halo' }), svg('polygon', { points: corners, class: 'line' }),
      hit.difference && svg('polygon', { class: 'differs', points: hit.difference.map(([a, b]) => `${a + 0.5},${b + 0.5}`).join(' ') }), badge);
    entry.shape = shape;
    const mark = (on) => () => {
      shape.classList.toggle('marked', on);
      card.classList.toggle('marked', on);
      if (on) shapes.append(shape); // on top of the others
    };
    for (const element of [shape, card]) {
      element.addEventListener('pointerenter', element === card ? mark(true) : () => { shape.classList.add('marked'); card.classList.add('marked'); });
      element.addEventListener('pointerleave', mark(false));
      element.addEventListener('focusin', () => { shape.classList.add('marked'); card.classList.add('marked'); });
      element.addEventListener('focusout', mark(false));
    }
    const go = () => {
      card.querySelector('h3').focus({ preventScroll: true });
      card.scrollIntoView({ block: 'nearest', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    };
    shape.addEventListener('click', go);
    shape.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step) {
        const order = outlined.map((other) => other.shape);
        const next = order[(order.indexOf(shape) + step + order.length) % order.length];
        shape.setAttribute('tabindex', '-1');
        next.setAttribute('tabindex', '0');
        next.focus({ preventScroll: true });
      } else if (event.key === 'Enter' || event.key === ' ') {
        go();
      } else {
        return;
      }
      event.preventDefault();
    });
  }
  // The last one is drawn on top, so the likeliest comes last.
  shapes.append(...outlined.map((entry) => entry.shape).reverse());
  outlined[0]?.shape.setAttribute('tabindex', '0');

  // Badges keep their size on the screen, whatever the photo's.
  const fit = () => {
    const scale = size.width / (drawing.clientWidth || size.width);
    for (const { shape } of outlined) {
      const badge = shape.querySelector('.badge');
      const [x, y] = badge.at, margin = 13 * scale;
      badge.setAttribute('transform', `translate(${Math.min(Math.max(x, margin), size.width - margin)} ${Math.min(Math.max(y, margin), size.height - margin)}) scale(${scale})`);
    }
  };
  for (const circle of drawing.querySelectorAll('.badge circle')) circle.setAttribute('r', 12);
  new ResizeObserver(fit).observe(drawing);
  return stage;
}
