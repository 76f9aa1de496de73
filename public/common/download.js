import { fetchFile } from './api.js';

/** Saves a document of the server as a file. A plain link could not carry the access token. @throws RequestError */
export async function download(path, fileName) {
  const address = URL.createObjectURL(await fetchFile(path));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
