// The corpora's own judge of a finished case: every expected value of every row against the parts, read by pyarrow.
import { corpora } from '../corpora.ts';
import { type Conversation, python } from '../python.ts';

const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
import pyarrow.compute
import check_case
for line in sys.stdin:
    case, output = json.loads(line)
    try:
        print('right: ' + check_case.check(case, output))
    except check_case.Difference as difference:
        print('wrong: ' + str(difference).replace(chr(10), ' '))
`;

export interface CaseJudge {
  /** `right` or `wrong: ` and the first difference. */
  judge(caseFolder: string, output: string): Promise<string>;
  end(): void;
}

export function startJudge(): CaseJudge {
  const conversation: Conversation = python.converse(script, corpora.path());
  return {
    judge: async (caseFolder, output) => {
      const answer = await conversation.ask(JSON.stringify([caseFolder, output]));
      return answer.startsWith('right: ') ? 'right' : answer;
    },
    end: () => conversation.end(),
  };
}
