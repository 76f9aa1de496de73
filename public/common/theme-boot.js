// Runs before the first paint, so that nobody sees a flash of the other theme.
try {
  const choice = JSON.parse(localStorage.getItem('parley.theme'));
  if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
} catch {
  // the system's choice it is
}
