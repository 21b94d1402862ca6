// The part of ESLint's rule interface that oxlint offers and our rules use.

/** A node of the syntax tree with the fields that our rules look at. */
export interface RuleNode {
  readonly type: string;
  readonly name?: unknown;
  readonly value?: unknown;
  readonly callee?: RuleNode;
  readonly object?: RuleNode;
  readonly property?: RuleNode;
  readonly arguments?: readonly RuleNode[];
  readonly source?: RuleNode | null;
}

export interface RuleContext {
  /** Absolute path of the file being linted. */
  readonly filename: string;
  readonly report: (problem: { readonly node: RuleNode; readonly message: string }) => void;
}

export interface Rule {
  readonly create: (context: RuleContext) => Record<string, (node: RuleNode) => void>;
}
