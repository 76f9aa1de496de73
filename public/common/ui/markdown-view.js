import { Component, html } from '/vendor/preact.js';
import { copyText } from '../clipboard.js';
import { parseBlocks } from '../markdown.js';
import { Icon } from './icons.js';
import { toast } from './toasts.js';

/** Draws Markdown as elements, never as HTML text. A block that did not change while an answer grows is not drawn again. */
export class Markdown extends Component {
  shouldComponentUpdate({ source }) {
    return source !== this.props.source;
  }

  render({ source }) {
    return html`<div class="prose">
      ${parseBlocks(source).map((block, index) => html`<${Block} key=${index} block=${block} />`)}
    </div>`;
  }
}

class Block extends Component {
  shouldComponentUpdate({ block }) {
    return JSON.stringify(block) !== JSON.stringify(this.props.block);
  }

  render({ block }) {
    return DRAW[block.type](block);
  }
}

const DRAW = {
  paragraph: ({ inline }) => html`<p>${inline.map(drawInline)}</p>`,
  // The page has its own h1 and h2.
  heading: ({ level, inline }) => html`<${`h${Math.min(level + 2, 6)}`}>${inline.map(drawInline)}</>`,
  code: (block) => html`<${CodeBlock} ...${block} />`,
  rule: () => html`<hr />`,
  quote: ({ blocks }) => html`<blockquote>${blocks.map((block) => DRAW[block.type](block))}</blockquote>`,
  list: ({ ordered, start, items }) =>
    ordered
      ? html`<ol start=${start}>
          ${items.map(drawItem)}
        </ol>`
      : html`<ul>
          ${items.map(drawItem)}
        </ul>`,
  table: ({ head, rows }) => html`
    <div class="table-frame" tabindex="0" role="region" aria-label="Table">
      <table>
        <thead>
          <tr>
            ${head.map((cell) => html`<th scope="col">${cell.map(drawInline)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell) => html`<td>${cell.map(drawInline)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `,
};

function drawItem(blocks) {
  // A list item of one paragraph reads better without the paragraph's margins.
  const [first, ...rest] = blocks;
  if (first?.type !== 'paragraph') return html`<li>${blocks.map((block) => DRAW[block.type](block))}</li>`;
  return html`<li>${first.inline.map(drawInline)}${rest.map((block) => DRAW[block.type](block))}</li>`;
}

function drawInline(part) {
  if (typeof part === 'string') return part;
  if (part.type === 'code') return html`<code>${part.text}</code>`;
  if (part.type === 'strong') return html`<strong>${part.inline.map(drawInline)}</strong>`;
  if (part.type === 'emphasis') return html`<em>${part.inline.map(drawInline)}</em>`;
  if (part.type === 'deleted') return html`<del>${part.inline.map(drawInline)}</del>`;
  return html`<a href=${part.href} target="_blank" rel="noopener noreferrer nofollow"
    >${part.inline.map(drawInline)}</a
  >`;
}

function CodeBlock({ language, text }) {
  const copy = async () => toast((await copyText(text)) ? 'Code copied.' : 'Copying was not allowed.');
  return html`
    <figure class="code-block">
      <figcaption>
        <span>${language || 'code'}</span>
        <button type="button" class="button ghost small" onClick=${copy}><${Icon} name="copy" /> Copy</button>
      </figcaption>
      <pre tabindex="0" aria-label=${`Code${language ? `, ${language}` : ''}`}><code>${text}</code></pre>
    </figure>
  `;
}
