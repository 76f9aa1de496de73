import { Visitor } from './browser.js';

/** Somebody in front of the rooms of the page. */
export class RoomVisitor extends Visitor {
  id = '';
  name = '';

  /** The same browser page, with what one does in rooms. */
  static async of(visitor: Visitor): Promise<RoomVisitor> {
    const room = Object.assign(new RoomVisitor(visitor.page), { problems: visitor.problems, email: visitor.email });
    const { id, name } = await room.api<{ id: string; name: string }>('GET', '/auth/me');
    return Object.assign(room, { id, name });
  }

  get roomId(): string {
    return this.page.url().split('#/room/')[1] ?? '';
  }

  button(name: string) {
    return this.page.getByRole('button', { name, exact: true });
  }

  heading(name: string) {
    return this.page.getByRole('heading', { name, level: 1, exact: true });
  }

  /** The place of a room in the list. */
  row(title: string) {
    return this.page.locator('.room-row').filter({ has: this.page.locator('.session-title', { hasText: title }) });
  }

  /** A message that the server has stored, by its own text. */
  message(text: string) {
    return this.page
      .locator('.room-message:not(.unsent)')
      .filter({ has: this.page.locator('.bubble').getByText(text, { exact: false }) })
      .last();
  }

  /** Presses a button over a message, where the pointer has to be first. */
  async press(text: string, name: string): Promise<void> {
    await this.message(text).hover();
    await this.message(text).getByRole('button', { name, exact: true }).click();
  }

  async chooseFor(text: string, action: string): Promise<void> {
    await this.press(text, 'More actions');
    await this.page.getByRole('menuitem', { name: action, exact: true }).click();
  }

  async list(name: 'Assistant' | 'Rooms'): Promise<void> {
    await this.page.getByRole('group', { name: 'Which list' }).getByRole('button', { name }).click();
  }

  async makeRoom(fields: { type: string; name?: string; participantIds: string[] }): Promise<string> {
    return (await this.api<{ id: string }>('POST', '/chat-rooms', fields)).id;
  }

  async goTo(hash: string): Promise<void> {
    await this.page.evaluate((address) => (location.hash = address), hash);
  }

  /** Opens a room and waits until the server knows that somebody looks at it. */
  async open(roomId: string): Promise<void> {
    await this.goTo(`#/room/${roomId}`);
    await this.page.locator('.room-messages[data-current]').waitFor();
  }
}
