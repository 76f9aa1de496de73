import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PageLab, type Visitor } from '../support/browser.js';

interface SessionBody {
  id: string;
  title: string;
  isFavorite: boolean;
  isArchived: boolean;
  groupId: string | null;
}

describe('the list of chats on the playground page', () => {
  let lab: PageLab;
  let ada: Visitor;

  beforeAll(async () => {
    lab = await PageLab.start();
  });

  afterAll(() => lab.stop());

  beforeEach(async () => {
    ada = await lab.person();
  });

  afterEach(async () => {
    await ada.page.context().close();
    expect(ada.problems).toEqual([]);
  });

  const addSession = (title: string) => ada.api<SessionBody>('POST', '/sessions', { title });
  const section = (title: string) => ada.page.getByRole('region', { name: title, exact: true });
  const row = (title: string) => section('Chats').locator('.session-title', { hasText: title });
  const open = async (title: string) => {
    await row(title).click();
    await ada.page.getByRole('heading', { name: title, level: 1 }).waitFor();
  };

  it('gives an untitled chat its name after the first exchange', async () => {
    lab.model.script({ deltas: ['A short reply'] });
    await ada.say('Mountains of Norway');
    await ada.answered();
    await row('Mountains of Norway').waitFor();
    expect(await ada.page.title()).toContain('Mountains of Norway');
  });

  it('makes a group, moves a chat into it and out again when the group goes', async () => {
    await addSession('Fjords');
    await row('Fjords').waitFor();
    await ada.page.getByRole('button', { name: 'New group' }).click();
    await ada.page.getByLabel('Name of the group').fill('Travel');
    await ada.page.keyboard.press('Enter');
    await section('Travel').getByText('No chats in this group.').waitFor();

    await row('Fjords').hover();
    await ada.choose('Actions for Fjords', 'Move to a group');
    await ada.page.getByRole('radio', { name: 'Travel' }).check();
    await ada.page.getByRole('button', { name: 'Move' }).click();
    await section('Travel').getByText('Fjords').waitFor();

    await ada.choose('Actions for group Travel', 'Rename group');
    await ada.page.getByLabel('Name', { exact: true }).fill('Trips');
    await ada.page.keyboard.press('Enter');
    await section('Trips').getByText('Fjords').waitFor();

    await ada.choose('Actions for group Trips', 'Delete group');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete group' }).click();
    await section('Chats').getByText('Fjords').waitFor();
    expect(await section('Trips').count()).toBe(0);
  });

  it('starts a chat in a group', async () => {
    lab.model.script({ deltas: ['Yes'] });
    const group = await ada.api<{ id: string }>('POST', '/groups', { name: 'Work' });
    await ada.page.reload();
    await section('Work').waitFor();
    await ada.choose('Actions for group Work', 'New chat in this group');
    await ada.say('A question about work');
    await ada.answered();
    await section('Work').getByText('A question about work').waitFor();
    expect((await ada.api<SessionBody>('GET', `/sessions/${ada.sessionId}`)).groupId).toBe(group.id);
  });

  it('keeps favourites on top, on the other device too', async () => {
    await addSession('Starred');
    await open('Starred');
    const other = await lab.otherDeviceOf(ada);
    await ada.page.getByRole('button', { name: 'Favourite', exact: true }).click();
    await section('Favourites').getByText('Starred').waitFor();
    await other.page.getByRole('region', { name: 'Favourites' }).getByText('Starred').waitFor();
    await ada.page.getByRole('button', { name: 'Favourite', exact: true }).click();
    await section('Favourites').waitFor({ state: 'detached' });
    await other.page.getByRole('region', { name: 'Favourites' }).waitFor({ state: 'detached' });
    await other.page.context().close();
    expect(other.problems).toEqual([]);
  });

  it('renames, archives, brings back and deletes a chat', async () => {
    const { id } = await addSession('Old name');
    await open('Old name');
    await ada.choose('Actions for this chat', 'Rename');
    await ada.page.getByLabel('Name', { exact: true }).fill('New name');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByRole('heading', { name: 'New name', level: 1 }).waitFor();
    await ada.choose('Actions for this chat', 'Archive');
    await row('New name').waitFor({ state: 'detached' });
    await ada.page.getByRole('button', { name: 'Archive' }).click();
    await section('Archive').getByText('New name').waitFor();
    await ada.choose('Actions for this chat', 'Take out of the archive');
    await ada.page.getByRole('button', { name: 'All chats' }).click();
    await row('New name').waitFor();
    await ada.choose('Actions for this chat', 'Delete');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await ada.greeting.waitFor();
    expect(await ada.api('GET', `/sessions/${id}`)).toMatchObject({ statusCode: 404 });
  });

  it('tells a device that looks at a chat that another one deleted it', async () => {
    const { id } = await addSession('Doomed');
    await open('Doomed');
    await ada.api('DELETE', `/sessions/${id}`);
    await ada.page.getByText('This chat does not exist').waitFor();
    await ada.page.getByRole('link', { name: 'Start a new chat' }).click();
    await ada.greeting.waitFor();
  });

  it('finds chats by title and messages by their words, and leads to the place', async () => {
    lab.model.script({ deltas: ['Reindeer eat lichen in winter.'] });
    await ada.say('What do reindeer eat?');
    await ada.answered();
    await addSession('Zebra crossing');
    await ada.page.getByRole('link', { name: 'New chat' }).click();
    await ada.page.keyboard.press('Control+k');
    await ada.page.keyboard.type('zebra');
    await ada.page.locator('.session-list .session-title', { hasText: 'Zebra crossing' }).waitFor();
    await ada.page.getByRole('searchbox', { name: 'Search chats and messages' }).fill('lichen');
    const hit = ada.page.locator('.message-hit');
    expect(await hit.locator('mark').textContent()).toBe('lichen');
    await hit.getByRole('link').click();
    await ada.page.locator('.message.sought', { hasText: 'Reindeer eat lichen' }).waitFor();
    await ada.page.getByRole('searchbox', { name: 'Search chats and messages' }).fill('nowhere to be found');
    await ada.page.getByText('Nothing found for').waitFor();
  });

  it('exports a chat as Markdown and as JSON', async () => {
    lab.model.script({ deltas: ['It is 42.'] });
    await ada.say('What is the answer?');
    await ada.answered();
    await row('What is the answer').waitFor();
    const markdown = await download('Export as Markdown');
    expect(markdown.name).toBe('What-is-the-answer.md');
    expect(markdown.text).toContain('# What is the answer');
    expect(markdown.text).toContain('**assistant**: It is 42.');
    const json = await download('Export as JSON');
    expect(json.name).toBe('What-is-the-answer.json');
    const { messages } = JSON.parse(json.text) as { messages: { content: string }[] };
    expect(messages.map(({ content }) => content)).toEqual(['What is the answer?', 'It is 42.']);
  });

  async function download(action: string): Promise<{ name: string; text: string }> {
    const [file] = await Promise.all([ada.page.waitForEvent('download'), ada.choose('Actions for this chat', action)]);
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  }
});
