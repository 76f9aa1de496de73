import { html } from '/vendor/preact.js';

// Drawn for this page on a 20 by 20 grid, one stroke width.
const PATHS = {
  plus: 'M10 4v12M4 10h12',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12ZM13.5 13.5 17 17',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  close: 'M5 5l10 10M15 5 5 15',
  more: 'M4.5 10a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M9.5 10a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M14.5 10a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0',
  star: 'M10 3l2.1 4.5 4.9.6-3.6 3.4.9 4.9L10 14l-4.3 2.4.9-4.9L3 8.1l4.9-.6L10 3Z',
  folder: 'M3 6a1.5 1.5 0 0 1 1.5-1.5h3L9.5 6.5h6A1.5 1.5 0 0 1 17 8v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14V6Z',
  chevron: 'M7.5 5l5 5-5 5',
  send: 'M10 16V4M5 9l5-5 5 5',
  stop: 'M6 6h8v8H6z',
  copy: 'M7 7V4.5A1.5 1.5 0 0 1 8.5 3h7A1.5 1.5 0 0 1 17 4.5v7a1.5 1.5 0 0 1-1.5 1.5H13M4.5 7h7A1.5 1.5 0 0 1 13 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 15.5v-7A1.5 1.5 0 0 1 4.5 7Z',
  edit: 'M12.5 4.5l3 3L7 16l-3.7.7L4 13l8.5-8.5Z',
  trash:
    'M3.5 5.5h13M8 5.5V4a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1v1.5M5 5.5l.8 10a1.5 1.5 0 0 0 1.5 1.5h5.4a1.5 1.5 0 0 0 1.5-1.5l.8-10',
  again: 'M16 10a6 6 0 1 1-1.8-4.3L16 7.5M16 3.5v4h-4',
  archive: 'M3.5 4h13v3.5h-13zM4.5 7.5V15A1.5 1.5 0 0 0 6 16.5h8a1.5 1.5 0 0 0 1.5-1.5V7.5M8 11h4',
  download: 'M10 3v9M6 8.5l4 4 4-4M4 16.5h12',
  code: 'M7 6l-4 4 4 4M13 6l4 4-4 4',
  sun: 'M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM10 2v1.5M10 16.5V18M18 10h-1.5M3.5 10H2M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1M15.7 15.7l-1.1-1.1M5.4 5.4 4.3 4.3',
  moon: 'M16.5 11.5A6.8 6.8 0 0 1 8.5 3.5a6.8 6.8 0 1 0 8 8Z',
  screen: 'M3.5 4h13v9h-13zM7 16.5h6M10 13v3.5',
  pause: 'M7 5v10M13 5v10',
  play: 'M6.5 4.5v11l9-5.5-9-5.5Z',
  down: 'M10 4v12M5 11l5 5 5-5',
  help: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM8 8a2 2 0 1 1 2.7 1.9c-.5.2-.7.6-.7 1.1v.3M10 13.7h.01',
  person: 'M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5',
  leave: 'M8 3.5H5A1.5 1.5 0 0 0 3.5 5v10A1.5 1.5 0 0 0 5 16.5h3M12.5 6.5 16 10l-3.5 3.5M16 10H8',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6v4l2.5 2',
  check: 'M4 10.5l4 4 8-9',
  alert: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6.5v4M10 13.5h.01',
  reply: 'M8 5 3.5 9.5 8 14M4 9.5h7a5.5 5.5 0 0 1 5.5 5.5v1',
  people:
    'M7.5 9.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM2.5 16c.4-2.6 2.4-4 5-4s4.6 1.4 5 4M13 4.2a2.7 2.7 0 0 1 0 5.1M14.2 12.2c1.9.5 3 1.8 3.3 3.8',
  smile: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM7.5 8h.01M12.5 8h.01M7 11.5c.7 1.3 1.7 2 3 2s2.3-.7 3-2',
  checks: 'M2.5 10.5l3.5 4 7-9M9.5 13.5l1 1 7-9',
  spark: 'M10 3l1.7 5.3L17 10l-5.3 1.7L10 17l-1.7-5.3L3 10l5.3-1.7L10 3Z',
  info: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 9.5v4M10 6.5h.01',
  crown: 'M3.5 14.5h13M4 11.5 3 5.5l4 3 3-4.5 3 4.5 4-3-1 6H4Z',
  bell: 'M5 13.5V9a5 5 0 0 1 10 0v4.5l1.5 1.5h-13L5 13.5ZM8.5 17.5h3',
  bellOff: 'M5 13.5V9c0-.9.2-1.7.6-2.4M8 4.4A5 5 0 0 1 15 9v3.5M13.5 15h-10L5 13.5M8.5 17.5h3M3.5 3.5l13 13',
  chart: 'M4 16.5h12.5M6 14V9.5M10 14V5M14 14v-7',
  pin: 'M7.5 3.5h5l-.7 5 2.7 3h-9l2.7-3-.7-5ZM10 11.5v5.5',
  plane: 'M16.5 3.5 3 9l5 2 2 5.5 6.5-13ZM8 11l4.5-4',
  globe: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM3 10h14M10 3c2 2 3 4.3 3 7s-1 5-3 7c-2-2-3-4.3-3-7s1-5 3-7Z',
  hand: 'M6.5 10V5.5a1.2 1.2 0 0 1 2.4 0V9M8.9 9V4.2a1.2 1.2 0 0 1 2.4 0V9M11.3 9V5.2a1.2 1.2 0 0 1 2.4 0V11c0 3.5-1.5 6-4.7 6-2.5 0-3.8-1.3-5.3-5l-.6-1.6a1.1 1.1 0 0 1 2-.9l1.4 2',
  note: 'M4.5 3.5h11v9l-4 4h-7v-13ZM11.5 16.5v-4h4M7 7h6M7 10h4',
  back: 'M12.5 5l-5 5 5 5',
  tag: 'M3.5 4.5v5l7 7 5.5-5.5-7-7-5.5.5ZM7 7.5h.01',
  clip: 'M14.5 9.5 9.7 14.3a3 3 0 0 1-4.3-4.3l5.7-5.6a2 2 0 0 1 2.9 2.9l-5.6 5.5a1 1 0 0 1-1.4-1.4l4.9-4.9',
  sliders: 'M3 6h8M15 6h2M3 14h2M9 14h8M13 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
};

/** A drawing beside a text or inside a labelled control: always hidden from screen readers. */
export function Icon({ name, filled = false }) {
  return html`
    <svg class=${`icon ${filled ? 'filled' : ''}`} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d=${PATHS[name]} />
    </svg>
  `;
}

/** A button that is only a drawing; `label` is its name and its tooltip. */
export function IconButton({ icon, label, filled, class: extra = '', ...rest }) {
  return html`
    <button type="button" class=${`icon-button ${extra}`} aria-label=${label} title=${label} ...${rest}>
      <${Icon} name=${icon} filled=${filled} />
    </button>
  `;
}
