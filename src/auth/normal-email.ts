/** The one spelling of an email that is stored and compared. */
export const normalEmail = (email: string): string => email.trim().toLowerCase();
