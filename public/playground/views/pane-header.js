import { html } from '/vendor/preact.js';
import { IconButton } from '../../common/ui/icons.js';
import { ConnectionMark } from './connection-mark.js';

/** The bar above a conversation. `children` are its own controls. */
export function PaneHeader({ title, subtitle, picture, onMenu, isPanelOpen, togglePanel, children }) {
  return html`
    <header class="pane-header">
      <${IconButton} id="open-list" icon="menu" label="Open the list of chats" class="narrow-only" onClick=${onMenu} />
      ${picture}
      ${
        title
          ? html`<div class="pane-title">
              <h1 id="pane-title" tabindex="-1" title=${title}>${title}</h1>
              ${subtitle && html`<p>${subtitle}</p>`}
            </div>`
          : html`<span class="spacer"></span>`
      }
      <${ConnectionMark} />
      ${children}
      <${IconButton}
        icon="code"
        label="Developer panel"
        class="panel-toggle"
        aria-pressed=${isPanelOpen}
        onClick=${togglePanel}
      />
    </header>
  `;
}

/** The choice among the models of this server. */
export function ModelSelect({ id, value, onChange, byProvider, fallback, label = 'Model' }) {
  const known = byProvider.some(({ models }) => models.some((model) => model.id === value));
  return html`
    <label class="select" title=${label}>
      <span class="offscreen">${label}</span>
      <select id=${id} value=${value ?? ''} onChange=${(event) => onChange(event.target.value)}>
        ${(!value || fallback) && html`<option value="">${fallback ?? 'Default model'}</option>`}
        ${value && !known && html`<option value=${value}>${value}</option>`}
        ${byProvider.map(
          ({ provider, models }) => html`
            <optgroup key=${provider} label=${provider}>
              ${models.map((model) => html`<option key=${model.id} value=${model.id}>${model.label ?? model.id}</option>`)}
            </optgroup>
          `,
        )}
      </select>
    </label>
  `;
}
