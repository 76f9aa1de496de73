/** A reply that nobody has sent. */
export class DraftResponse {
  text: string;
  /** The newest message that it knows of: send it back as `ifSeq`. */
  based_on_seq: number;
  model: string;
}
