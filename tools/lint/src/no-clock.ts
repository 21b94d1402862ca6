// The rule pods/no-clock, for pure files: computing with a given Date is fine, asking for the present moment is not.
import type { Rule, RuleNode } from './rule.ts';

const message = 'This is a pure file: the present moment comes with the command, not from the clock.';

function isDate(node: RuleNode | undefined): boolean {
  return node?.type === 'Identifier' && node.name === 'Date';
}

/** Reports `new Date()`, `Date()` and `Date.now`. */
export const noClock: Rule = {
  create: (context) => ({
    NewExpression: (node) => {
      if (isDate(node.callee) && node.arguments?.length === 0) context.report({ node, message });
    },
    CallExpression: (node) => {
      if (isDate(node.callee)) context.report({ node, message });
    },
    MemberExpression: (node) => {
      if (isDate(node.object) && node.property?.name === 'now') context.report({ node, message });
    },
  }),
};
