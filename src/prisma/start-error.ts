/** Why the server cannot start, in one line for the person who started it. */
export class StartError extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.name = 'StartError';
  }
}
