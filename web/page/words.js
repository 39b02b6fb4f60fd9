// How the page says numbers.

/** The probability in words. A hit is accepted from .85 on. */
export function likelihood(probability) {
  if (probability >= 0.99) return 'Almost certain';
  if (probability >= 0.95) return 'Very likely';
  if (probability >= 0.85) return 'Likely';
  if (probability >= 0.5) return 'Possible';
  if (probability >= 0.1) return 'Unlikely';
  return 'Very unlikely';
}

/** 99.8 %, with spaces that do not break. It never says 100 or 0, since neither is ever meant. */
export function percent(share) {
  const number = Math.min(99.9, Math.max(0.1, share * 100));
  const sign = share * 100 > 99.9 ? '>\u00a0' : share * 100 < 0.1 ? '<\u00a0' : '';
  return `${sign}${number < 10 || number > 99 ? number.toFixed(1) : Math.round(number)}\u00a0%`;
}

/** A share that is measured, and may well be all or nothing. */
export const share = (part) => `${Math.round(100 * part)}\u00a0%`;

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
export const number = (value) => grouped.format(value);

export function bytes(count) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    ++unit;
  }
  return `${count >= 100 || unit === 0 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}

export const milliseconds = (ms) =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

export function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export const count = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

export function moment(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}

/** What people would call an item: a name among its metadata, or its id. */
export function nameOf(item) {
  const metadata = item.metadata ?? {};
  for (const column of Object.keys(metadata))
    if (/^(title|name|label|product)$/i.test(column) && metadata[column].trim()) return metadata[column];
  return item.id;
}
