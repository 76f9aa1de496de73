import { html, useState } from '/vendor/preact.js';
import { fetchFile } from '../../common/api.js';
import { saveBlob } from '../../common/download.js';
import { Icon } from '../../common/ui/icons.js';
import { toastError } from '../../common/ui/toasts.js';

const NAMES = {
  photo: 'Photo',
  voice: 'Voice message',
  audio: 'Audio',
  video: 'Video',
  video_note: 'Video message',
  animation: 'Animation',
  document: 'Document',
  sticker: 'Sticker',
  location: 'Location',
  contact: 'Contact',
};
/** What may be shown in the page; anything else is only saved. */
const SHOWN = /^image\/(png|jpeg|webp|gif)$/;

/** What came with a message. Files are fetched through the server when the operator asks for them. */
export function Attachment({ message }) {
  const { attachment } = message.metadata;
  const [address, setAddress] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const name = attachment.fileName ?? NAMES[attachment.type] ?? 'File';
  if (attachment.type === 'location') return html`<p class="attachment">${mapLink(attachment)}</p>`;
  if (attachment.type === 'contact' || !attachment.fileId)
    return html`<p class="attachment"><${Icon} name="clip" /> <bdi>${name}</bdi></p>`;
  const open = async () => {
    setBusy(true);
    try {
      const blob = await fetchFile(`/api/chats/${message.chat_id}/files/${message.id}`);
      if (attachment.type === 'photo' && SHOWN.test(blob.type)) setAddress(await dataAddress(blob));
      else saveBlob(blob, name);
    } catch (error) {
      toastError(error, 'The file could not be opened.');
    } finally {
      setBusy(false);
    }
  };
  if (address) return html`<img class="attachment-picture" src=${address} alt=${name} />`;
  return html`
    <p class="attachment">
      <button type="button" class="button small" disabled=${isBusy} onClick=${open}>
        <${Icon} name="clip" /> ${attachment.type === 'photo' ? 'Show' : 'Save'} <bdi>${name}</bdi>
      </button>
    </p>
  `;
}

function mapLink({ latitude, longitude }) {
  const place = `${Number(latitude).toFixed(5)}, ${Number(longitude).toFixed(5)}`;
  const href = `https://www.openstreetmap.org/?mlat=${Number(latitude)}&mlon=${Number(longitude)}`;
  return html`<${Icon} name="globe" /> <a href=${href} target="_blank" rel="noopener noreferrer">${place}</a>`;
}

// The page's policy lets pictures in as data, not as blobs.
function dataAddress(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
