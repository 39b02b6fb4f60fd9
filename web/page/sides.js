// A photo and a picture side by side, with lines between their matched points. Points that agree
// are joined by whole lines with round ends, others by broken lines with crosses.

import { h, svg } from './dom.js';
import { count } from './words.js';

const SIDE = 600; // of the drawing, along which both pictures have the same size
const GAP = 24;
const MOST_ROWS = 100;

/** `withPoints`: also says how many points match, and lets a person choose which are drawn. */
export function sideBySide(photo, item, result, withPoints = true) {
  const tall = matchMedia('(max-width: 640px)').matches;
  const scaleOf = (width, height) => SIDE / (tall ? width : height);
  const p = { width: result.photo_width || photo.width, height: result.photo_height || photo.height };
  if (photo.width) Object.assign(p, { width: photo.width, height: photo.height }); // a crop has another size
  const q = { width: result.item_width, height: result.item_height };
  const ps = scaleOf(p.width, p.height),
    qs = scaleOf(q.width, q.height);
  const offset = tall ? { x: 0, y: p.height * ps + GAP } : { x: p.width * ps + GAP, y: 0 };
  const width = tall ? SIDE : offset.x + q.width * qs,
    height = tall ? offset.y + q.height * qs : SIDE;
  const inPhoto = ([x, y]) => [(x + 0.5) * ps, (y + 0.5) * ps];
  const inItem = ([, , x, y]) => [(x + 0.5) * qs + offset.x, (y + 0.5) * qs + offset.y];

  const line = (match, word) => {
    const [x1, y1] = inPhoto(match),
      [x2, y2] = inItem(match);
    const end = (x, y) =>
      word === 'agrees'
        ? svg('circle', { cx: x, cy: y, r: 3.5 })
        : svg('path', { d: `M${x - 4} ${y - 4}l8 8m0-8l-8 8` });
    return svg('g', { class: word }, svg('line', { x1, y1, x2, y2 }), end(x1, y1), end(x2, y2));
  };
  const agreeing = svg(
    'g',
    {},
    result.matches.map((match) => line(match, 'agrees')),
  );
  const others = svg(
    'g',
    {},
    (result.others ?? []).map((match) => line(match, 'disagrees')),
  );
  const outline =
    result.polygon &&
    svg('polygon', { class: 'place', points: result.polygon.map(([x, y]) => inPhoto([x, y]).join(',')).join(' ') });
  const drawing = svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      class: 'sides',
      role: 'img',
      'aria-label': `${photo.name} on the ${tall ? 'top' : 'left'}, ${item.name} on the ${tall ? 'bottom' : 'right'}, with lines between matched points`,
    },
    photo.readable
      ? svg('image', { href: photo.url, width: p.width * ps, height: p.height * ps, preserveAspectRatio: 'none' })
      : svg('rect', { class: 'blank', width: p.width * ps, height: p.height * ps }),
    svg('image', {
      href: item.url,
      ...offset,
      width: q.width * qs,
      height: q.height * qs,
      preserveAspectRatio: 'none',
    }),
    outline,
    others,
    agreeing,
  );

  const toggle = (group, label, word, on) => {
    const box = h('input', {
      type: 'checkbox',
      checked: on,
      on: { change: () => group.toggleAttribute('hidden', !box.checked) },
    });
    group.toggleAttribute('hidden', !on);
    return h(
      'label',
      { class: 'check' },
      box,
      svg(
        'svg',
        { viewBox: '0 0 44 12', class: 'sample', 'aria-hidden': 'true' },
        svg(
          'g',
          { class: word },
          svg('line', { x1: 6, y1: 6, x2: 38, y2: 6 }),
          word === 'agrees'
            ? [svg('circle', { cx: 6, cy: 6, r: 3.5 }), svg('circle', { cx: 38, cy: 6, r: 3.5 })]
            : [svg('path', { d: 'M2 2l8 8m0-8l-8 8' }), svg('path', { d: 'M34 2l8 8m0-8l-8 8' })],
        ),
      ),
      label,
    );
  };
  const few = result.matches.length + (result.others ?? []).length < 200;
  return h(
    'div',
    { class: 'sides-box' },
    withPoints &&
      h(
        'p',
        {},
        `${count(result.matches.length, 'matched point')} agree${result.matches.length === 1 ? 's' : ''} on one place of the item in the photo, ${count(others.childNodes.length, 'other')} do${others.childNodes.length === 1 ? 'es' : ''} not.`,
      ),
    withPoints &&
      h(
        'div',
        { class: 'row' },
        toggle(agreeing, `Agree (${result.matches.length})`, 'agrees', true),
        toggle(others, `Do not (${others.childNodes.length})`, 'disagrees', few || !result.matches.length),
      ),
    drawing,
    tableOf(result),
  );
}

function tableOf(result) {
  const rows = [
    ...result.matches.map((match) => [match, 'agrees']),
    ...(result.others ?? []).map((match) => [match, 'does not']),
  ].slice(0, MOST_ROWS);
  if (!rows.length) return null;
  const place = (x, y) => `${Math.round(x)}, ${Math.round(y)}`;
  return h(
    'details',
    {},
    h('summary', {}, 'The points as a table'),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Matched points' },
      h(
        'table',
        {},
        h(
          'caption',
          {},
          'In pixels of each picture, left and top',
          rows.length === MOST_ROWS && `; the first ${MOST_ROWS}`,
        ),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Photo', 'Item', ''].map((text) =>
              h('th', { scope: 'col' }, text || h('span', { class: 'sr' }, 'Whether it agrees')),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          rows.map(([[x1, y1, x2, y2], word]) =>
            h('tr', {}, h('td', {}, place(x1, y1)), h('td', {}, place(x2, y2)), h('td', {}, word)),
          ),
        ),
      ),
    ),
  );
}
