import { Injectable } from '@nestjs/common';

/** Whether this node still takes work. Doors and features ask before they start something that lasts. */
@Injectable()
export class ReadinessState {
  private draining = false;

  get isDraining(): boolean {
    return this.draining;
  }

  /** From now on this node finishes what it has begun and takes nothing new. There is no way back. */
  drain(): void {
    this.draining = true;
  }
}
