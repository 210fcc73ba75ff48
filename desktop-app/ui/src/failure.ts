import type { Failure, FieldProblem } from "@so-tiem/web/model";

/** What is wrong field by field, where a deed was not done for that reason. */
export function fieldsOf(failure: Failure): FieldProblem[] {
  if (failure.code !== "fields") return [];
  return Object.entries(failure.params).map(([register, problem]) => ({ register, problem }));
}
