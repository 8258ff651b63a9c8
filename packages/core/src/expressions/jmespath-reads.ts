import { FUNCTIONS } from './functions.ts';
import { type Node, parseJmespath } from './jmespath-syntax.ts';
import { ANY_MEMBER, ReadList, type Reads } from './reads.ts';

type Path = readonly string[];

/** Where in the record the value of a node may come from. */
interface Flow {
  readonly places: readonly Path[];
  /** True for a list that was put together of what stands at the places. */
  readonly gathered?: boolean;
}

const NOWHERE: Flow = { places: [] };
const RECORD: Flow = { places: [[]] };

/** Functions that answer their list in another order, or fewer of its members. */
const SAME_LIST = new Set(['sort_by', 'sort', 'reverse', 'unique', 'to_array']);
/** Functions that answer one member of their list. */
const ONE_MEMBER = new Set(['first', 'last', 'max_by', 'min_by']);
/** Functions that answer one of their arguments. */
const ONE_ARGUMENT = new Set(['coalesce', 'not_null']);

/**
 * What an expression reads of the record. An expression that cannot be parsed reads nothing, and is not constant;
 * compiling it says why.
 */
export function expressionReads(expression: string): Reads {
  let root: Node;
  try {
    root = parseJmespath(expression);
  } catch {
    return { fields: [], constant: false };
  }
  const walk = new Walk();
  walk.use(walk.node(root, RECORD, new Map()));
  return walk.reads.done();
}

type Variables = ReadonlyMap<string, Flow>;

class Walk {
  readonly reads = new ReadList();

  use(flow: Flow): void {
    for (const place of flow.places) this.reads.add(place, []);
  }

  node(node: Node, current: Flow, variables: Variables): Flow {
    const { type } = node;
    switch (type) {
      case 'Field':
        return current.gathered ? this.#end(current) : below(current, node.name);
      case 'Current':
      case 'Identity':
        return current;
      case 'Root':
        return RECORD;
      case 'Variable':
        return variables.get(node.name) ?? NOWHERE;
      case 'Literal':
        return NOWHERE;
      case 'Subexpression':
      case 'IndexExpression':
      case 'Pipe': {
        const left = this.node(node.left, current, variables);
        return this.#through(left, this.node(node.right, left, variables));
      }
      case 'Index':
        return membersOf(current);
      case 'Slice':
        return current;
      case 'Flatten':
        return {
          places: below(this.node(node.child, current, variables), ANY_MEMBER).places,
          gathered: true,
        };
      case 'Projection':
        return this.#projection(node.left, node.right, undefined, current, variables);
      case 'FilterProjection':
        return this.#projection(node.left, node.right, node.condition, current, variables);
      case 'ValueProjection':
        this.use(this.node(node.left, current, variables));
        this.use(this.node(node.right, NOWHERE, variables));
        return NOWHERE;
      case 'OrExpression':
      case 'AndExpression': {
        const left = this.node(node.left, current, variables);
        // Whether it is empty is looked at, whatever is read of it afterwards.
        this.use(left);
        return oneOf([left, this.node(node.right, current, variables)]);
      }
      case 'Ternary':
        this.use(this.node(node.condition, current, variables));
        return oneOf([node.trueExpr, node.falseExpr].map((side) => this.node(side, current, variables)));
      case 'LetExpression': {
        const bound = new Map(variables);
        for (const { variable, reference } of node.bindings)
          bound.set(variable, this.node(reference, current, variables));
        return this.node(node.expression, current, bound);
      }
      case 'Function':
        return this.#call(node, current, variables);
      default:
        for (const child of childrenOf(node)) this.use(this.node(child, current, variables));
        return NOWHERE;
    }
  }

  #projection(
    left: Node,
    right: Node,
    condition: Node | undefined,
    current: Flow,
    variables: Variables,
  ): Flow {
    const base = this.node(left, current, variables);
    const member = membersOf(base);
    if (condition) this.use(this.node(condition, member, variables));
    // A slice of a text looks like a projection, too: what is read is the text.
    if (right.type === 'Identity') return base;
    const result = this.#through(base, this.node(right, member, variables));
    return { places: result.places, gathered: true };
  }

  /** The value of a node on the value of another: whether there is one at all depends on the other, too. */
  #through(left: Flow, right: Flow): Flow {
    if (right.places.length === 0) this.use(left);
    return right;
  }

  #call(node: Extract<Node, { type: 'Function' }>, current: Flow, variables: Variables): Flow {
    const { name, children } = node;
    if (Object.hasOwn(FUNCTIONS, name) && FUNCTIONS[name]?.varies) this.reads.varies();
    const flows = children
      .filter((child) => child.type !== 'ExpressionReference')
      .map((child) => this.node(child, current, variables));
    const [list = NOWHERE] = flows;
    for (const child of children) {
      if (child.type === 'ExpressionReference') this.use(this.node(child.child, membersOf(list), variables));
    }
    if (SAME_LIST.has(name)) return list;
    if (ONE_MEMBER.has(name)) return membersOf(list);
    if (ONE_ARGUMENT.has(name)) return oneOf(flows);
    for (const flow of flows) this.use(flow);
    return NOWHERE;
  }

  #end(flow: Flow): Flow {
    this.use(flow);
    return NOWHERE;
  }
}

function below(flow: Flow, segment: string): Flow {
  return { places: flow.places.map((place) => [...place, segment]) };
}

function membersOf(flow: Flow): Flow {
  return flow.gathered ? { places: flow.places } : below(flow, ANY_MEMBER);
}

function oneOf(flows: readonly Flow[]): Flow {
  const places = flows.flatMap((flow) => flow.places);
  return flows.every((flow) => flow.gathered) && flows.length > 0 ? { places, gathered: true } : { places };
}

/** The nodes inside a node whose value is made anew from theirs. */
function childrenOf(node: Node): readonly Node[] {
  switch (node.type) {
    case 'Comparator':
    case 'Arithmetic':
      return [node.left, node.right];
    case 'Unary':
      return [node.operand];
    case 'NotExpression':
    case 'ExpressionReference':
      return [node.child];
    case 'MultiSelectList':
      return node.children;
    case 'MultiSelectHash':
      return node.children.map((pair) => pair.value);
    default:
      return [];
  }
}
