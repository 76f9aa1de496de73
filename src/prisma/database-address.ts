/** Where the database is: given by configuration, or that of the embedded server once it runs. */
export class DatabaseAddress {
  constructor(
    readonly url: string,
    /** Whether this process runs the server itself. */
    readonly embedded: boolean,
  ) {}
}
