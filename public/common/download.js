import { fetchFile } from './api.js';

/** Saves a document of the server as a file. A plain link could not carry the access token. @throws RequestError */
export async function download(path, fileName) {
  saveBlob(await fetchFile(path), fileName);
}

export function saveBlob(blob, fileName) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
