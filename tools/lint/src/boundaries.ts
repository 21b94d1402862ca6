// The rule pods/boundaries: it hands every import of a file to judge.ts and reports what that says.
import { judge } from './judge.ts';
import type { Rule, RuleNode } from './rule.ts';
import { workspaceOf } from './workspace.ts';

/** Covers import, export-from, dynamic import and import types. */
export const boundaries: Rule = {
  create: (context) => {
    const workspace = workspaceOf(context.filename);
    if (workspace === undefined) return {};
    const check = ({ source }: RuleNode): void => {
      if (typeof source?.value !== 'string') return;
      const message = judge(workspace, context.filename, source.value);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
      TSImportType: check,
    };
  },
};
