import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../../common/pagination/page-query.dto.js';
import { IsText } from '../../../common/validation/text.js';
import { LeaveOutUnknownKeys } from '../../../common/validation/unknown-keys.js';
import { MAX_MODEL_NAME } from '../../../sessions/dto/create-session.dto.js';
import type { SessionView } from '../../../sessions/session.js';
import { MAX_TITLE_LENGTH } from '../../../sessions/session-title.js';
import { ApiV1Message } from './message.dto.js';

/** `true` or `1`; whatever else this dialect takes for no. */
const IsSwitch = (): PropertyDecorator => (target, property) => {
  Transform(({ value }: { value: unknown }) => value === 'true' || value === '1')(target, property);
  IsBoolean()(target, property as string);
};

@LeaveOutUnknownKeys()
export class ApiV1ListChatsDto extends PageQueryDto {
  /** `true`: the archived ones too. */
  @IsSwitch()
  include_archived: boolean = false;
}

@LeaveOutUnknownKeys()
export class ApiV1ShowChatDto {
  /** `true`: with all its messages. */
  @IsSwitch()
  include_messages: boolean = false;
}

@LeaveOutUnknownKeys()
export class ApiV1CreateChatDto {
  /** Left out or blank, the chat is named after its first exchange. */
  @IsOptional()
  @IsText({ min: 0, max: MAX_TITLE_LENGTH })
  title?: string | null;

  /** Who is to answer; one that this server does not offer is the same as none: its default answers. */
  @IsOptional()
  @IsText({ min: 0, max: MAX_MODEL_NAME })
  model_used?: string | null;
}

@LeaveOutUnknownKeys()
export class ApiV1RenameChatDto {
  @IsText({ max: MAX_TITLE_LENGTH })
  title: string;
}

/** An AI session. */
export class ApiV1Chat {
  /** Its id at every door. */
  id: string;
  /** `New Chat` until it is given one, by you or after the first exchange. */
  title: string;
  /** The model that answers, the server's default included. */
  model_used: string;
  created_at: string;
  /** The latest activity. */
  updated_at: string;
  is_archived: boolean;
  /** Messages that are neither deleted nor replaced. */
  message_count: number;

  static from(session: SessionView, messageCount: number): ApiV1Chat {
    return {
      id: session.id,
      title: session.title ?? 'New Chat',
      model_used: session.model,
      created_at: session.createdAt.toISOString(),
      updated_at: session.updatedAt.toISOString(),
      is_archived: session.isArchived,
      message_count: messageCount,
    };
  }
}

/** A chat, with its messages when they were asked for. */
export class ApiV1ChatWithMessages extends ApiV1Chat {
  /** Ascending. */
  messages?: ApiV1Message[];
}

/** A chat that was brought back. */
export class ApiV1RestoredChat extends ApiV1Chat {
  message: string;
}
