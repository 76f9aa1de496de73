/** It is done. */
export class DoneResponse {
  ok: true;
}
