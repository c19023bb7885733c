/** Small symmetric linear systems, as least squares has them: solved, or inverted, by Cholesky's decomposition. */

export type Matrix = readonly (readonly number[])[];

/** Undefined when the matrix is not positive definite. */
function cholesky(matrix: Matrix): number[][] | undefined {
  const lower = matrix.map((row) => row.map(() => 0));
  for (let row = 0; row < matrix.length; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row]![column]!;
      for (let at = 0; at < column; at++) sum -= lower[row]![at]! * lower[column]![at]!;
      if (row === column) {
        if (!(sum > 0)) return undefined;
        lower[row]![row] = Math.sqrt(sum);
      } else lower[row]![column] = sum / lower[column]![column]!;
    }
  }
  return lower;
}

function solveWith(lower: number[][], right: readonly number[]): number[] {
  const solution = [...right];
  for (let row = 0; row < solution.length; row++) {
    for (let at = 0; at < row; at++) solution[row]! -= lower[row]![at]! * solution[at]!;
    solution[row]! /= lower[row]![row]!;
  }
  for (let row = solution.length - 1; row >= 0; row--) {
    for (let at = row + 1; at < solution.length; at++) solution[row]! -= lower[at]![row]! * solution[at]!;
    solution[row]! /= lower[row]![row]!;
  }
  return solution;
}

export function solve(matrix: Matrix, right: readonly number[]): number[] | undefined {
  const lower = cholesky(matrix);
  return lower && solveWith(lower, right);
}

export function invert(matrix: Matrix): number[][] | undefined {
  const lower = cholesky(matrix);
  return (
    lower &&
    matrix.map((_, at) =>
      solveWith(
        lower,
        matrix.map((_, row) => (row === at ? 1 : 0)),
      ),
    )
  );
}
