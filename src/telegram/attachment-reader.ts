import type { Attachment } from './incoming-update.js';
import { asRecord, finiteNumber, safeInteger, shortText, type Json } from './json-fields.js';

/** Kinds whose content is one file. An animation also carries a `document`, so it comes first. */
const FILES = ['voice', 'audio', 'video', 'video_note', 'animation', 'document', 'sticker'] as const;

/** What a message carries besides its text. */
export function readAttachment(message: Json): Attachment | null {
  return readPhoto(message['photo']) ?? readFile(message) ?? readPlace(message) ?? readContact(message['contact']);
}

/** Telegram offers a photo in several sizes, the largest last. */
function readPhoto(value: unknown): Attachment | null {
  if (!Array.isArray(value)) return null;
  const largest = asRecord(value.at(-1));
  return largest ? fileOf('photo', largest) : null;
}

function readFile(message: Json): Attachment | null {
  for (const type of FILES) {
    const file = asRecord(message[type]);
    if (file) return fileOf(type, file);
  }
  return null;
}

function fileOf(type: Attachment['type'], file: Json): Attachment | null {
  const fileId = shortText(file['file_id'], 512);
  if (fileId === null) return null;
  return {
    type,
    fileId,
    ...given({
      fileName: shortText(file['file_name']) ?? undefined,
      mimeType: shortText(file['mime_type'], 100) ?? undefined,
      size: safeInteger(file['file_size']) ?? undefined,
      width: safeInteger(file['width']) ?? undefined,
      height: safeInteger(file['height']) ?? undefined,
      duration: safeInteger(file['duration']) ?? undefined,
      emoji: shortText(file['emoji'], 16) ?? undefined,
    }),
  };
}

function readPlace(message: Json): Attachment | null {
  const venue = asRecord(message['venue']);
  const location = asRecord(venue?.['location']) ?? asRecord(message['location']);
  const latitude = finiteNumber(location?.['latitude']);
  const longitude = finiteNumber(location?.['longitude']);
  if (latitude === undefined || longitude === undefined) return null;
  return { type: 'location', latitude, longitude, ...given({ title: shortText(venue?.['title']) ?? undefined }) };
}

function readContact(value: unknown): Attachment | null {
  const contact = asRecord(value);
  if (!contact) return null;
  const names = [shortText(contact['first_name']), shortText(contact['last_name'])].filter((name) => name !== null);
  return {
    type: 'contact',
    ...given({
      phoneNumber: shortText(contact['phone_number'], 40) ?? undefined,
      name: names.join(' ') || undefined,
    }),
  };
}

function given<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** What stands in the log of the conversation for an attachment that came without words, for people and the model alike. */
export function describeAttachment(attachment: Attachment): string {
  const { type, fileName, duration, emoji, latitude, longitude, title, phoneNumber, name } = attachment;
  switch (type) {
    case 'location':
      return `[location: ${[title, `${latitude}, ${longitude}`].filter(Boolean).join(', ')}]`;
    case 'contact':
      return `[contact: ${[name, phoneNumber].filter(Boolean).join(', ')}]`;
    case 'sticker':
      return emoji ? `[sticker: ${emoji}]` : '[sticker]';
    default: {
      const facts = [fileName, duration === undefined ? undefined : `${duration} s`].filter(Boolean).join(', ');
      const label = type.replace('_', ' ');
      return facts === '' ? `[${label}]` : `[${label}: ${facts}]`;
    }
  }
}
