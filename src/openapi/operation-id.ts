const PLURAL_VERBS = /^(list|search)/;

/** A readable, unique name of an operation: `SessionsController.setFavorite` becomes `setSessionFavorite`. */
export function operationId(controller: string, method: string): string {
  const plural = controller.replace(/Controller$/, '');
  // Signing in is about nothing but itself.
  if (plural === 'Auth') return method;
  const noun = PLURAL_VERBS.test(method) ? plural : plural.replace(/s$/, '');
  const [verb = method] = /^[a-z]+/.exec(method) ?? [];
  return verb + noun + method.slice(verb.length);
}
