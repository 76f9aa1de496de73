/** The body of every failure. */
export class ApiV1Error {
  /** For people to read. */
  error: string;
}

/** It is done. */
export class ApiV1Done {
  message: string;
}
