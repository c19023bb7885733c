/**
 * Classes written for a schema. Equal source gives the same class: a person's function that is used again after a restart,
 * or by two subtasks of one worker, then sees objects of the shape that it was compiled for.
 */
const classes = new Map<string, unknown>();

/** `uses` are the names that the source refers to; under one name always the same. */
export function generatedClass<Class>(uses: Readonly<Record<string, unknown>>, source: string): Class {
  const known = classes.get(source);
  if (known !== undefined) return known as Class;
  const made = new Function(...Object.keys(uses), `return ${source};`)(...Object.values(uses)) as Class;
  classes.set(source, made);
  return made;
}
