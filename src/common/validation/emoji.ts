import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { registerDecorator } from 'class-validator';

/** UTF-16 units; the longest emoji of Unicode 17 has 15 of them. */
export const MAX_EMOJI_LENGTH = 32;

/** One emoji that is recommended for general interchange (UTS #51), with all its joiners and modifiers. */
const ONE_EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');
/** A character that is shown as an emoji only when U+FE0F follows, and is followed by none. */
const SHOWN_AS_TEXT = /(?=\p{Emoji})(?!\p{Emoji_Presentation})(?!\p{Emoji_Modifier})(.)(?!\uFE0F|\p{Emoji_Modifier})/gu;

/** The emoji in its full form, so that ❤ and ❤️ are the same; null when `value` is anything else than one emoji. */
export function toEmoji(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > MAX_EMOJI_LENGTH) return null;
  if (ONE_EMOJI.test(value)) return value;
  const full = value.replace(SHOWN_AS_TEXT, '$1\uFE0F');
  return ONE_EMOJI.test(full) ? full : null;
}

/** Exactly one emoji. */
export const IsEmoji = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ minLength: 1, maxLength: MAX_EMOJI_LENGTH }),
    (target: object, property: string | symbol) =>
      registerDecorator({
        name: 'isEmoji',
        target: target.constructor,
        propertyName: property as string,
        validator: {
          validate: (value: unknown) => toEmoji(value) !== null,
          defaultMessage: (args) => `${args?.property} must be one emoji`,
        },
      }),
  );
