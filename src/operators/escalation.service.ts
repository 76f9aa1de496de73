import { Injectable } from '@nestjs/common';
import { CustomerDesk, type HumanCall } from '../messages/customer-desk.js';

/** Calls humans to conversations. */
@Injectable()
export class EscalationService extends CustomerDesk {
  override asksForHuman(_text: string): boolean {
    return false;
  }

  override callHuman(_conversationId: string, _call: HumanCall): Promise<void> {
    return Promise.resolve();
  }
}
