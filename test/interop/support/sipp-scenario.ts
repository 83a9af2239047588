/** The scenario that sipp plays, in its XML. */

/** What each callee does; the endings are those of the Asterisk callees. */
const callees = {
  answeringmachine: { ending: '01', does: ['ring', 'answer machine', 'hung up'] },
  fax: { ending: '02', does: ['ring', 'answer fax', 'hung up'] },
  silence: { ending: '03', does: ['ring', 'answer', 'hung up'] },
  hangsUp: { ending: '04', does: ['ring', 'answer', 'wait 1000', 'hang up'] },
  busy: { ending: '10', does: ['refuse 486 17 Busy Here'] },
  noAnswer: { ending: '11', does: ['ring', 'canceled'] },
  declined: { ending: '12', does: ['ring', 'wait 300', 'refuse 603 21 Decline'] },
  unreachable: { ending: '13', does: ['refuse 480 20 Temporarily Unavailable'] },
  invalidNumber: { ending: '14', does: ['refuse 404 1 Not Found'] },
  congested: { ending: '15', does: ['refuse 503 34 Service Unavailable'] },
  announcement: { ending: '16', does: ['progress machine', 'wait 1500', 'refuse 404 1 Not Found'] },
  earlyMedia: { ending: '17', does: ['progress machine', 'wait 1500', 'answer voice', 'hung up'] },
  voice4s: { ending: '24', does: ['ring', 'answer voice', 'wait 4000', 'hang up'] },
  digest: { ending: '30', does: ['challenge', 'ring', 'answer voice', 'hung up'] },
} as const;
/** Everybody else is a person. */
const voice = ['ring', 'answer voice', 'hung up'];

export type SippKind = keyof typeof callees | 'voice';

/** A number whose callee behaves so; different `n`, from 0 to 99, give different numbers. */
export function sippNumber(kind: SippKind, n = 0): string {
  return `+1617555${String(n).padStart(2, '0')}${kind === 'voice' ? '00' : callees[kind].ending}`;
}

interface Digest {
  readonly username: string;
  readonly password: string;
}

/** @param folder - where the sounds are, `voice.ul`, `machine.ul` and `fax.ul` */
export function sippScenario(folder: string, digest: Digest): string {
  const kinds = Object.entries(callees);
  const write = (does: readonly string[]): string => does.map((step) => writeStep(step, folder, digest)).join('');
  return `<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="callees">
<recv request="INVITE" rrs="true"><action>
${capture('To:', '[0-9]+@', 'user')}${capture('To:', '[0-9]+', 'number')}${capture('From:', '[0-9]+', 'caller')}
${capture('Contact:', 'sip:[^>]*', 'contact')}<ereg regexp="${vias}" search_in="msg" assign_to="vias"/>
${capture('CSeq:', '[0-9]+', 'cseq')}${capture('From:', '.*', 'remote')}${capture('To:', '.*', 'local')}
${kinds.map(([kind, { ending }]) => `<ereg regexp="${ending}@" search_in="var" variable="user" check_it="false" assign_to="${kind}"/>`).join('\n')}
</action></recv>
${nop(log('invite', '[$caller]'))}
<Reference variables="remote,local,contact,cseq,vias"/>
${kinds.map(([kind], i) => `<nop next="${i + 1}" test="${kind}"/>`).join('\n')}
${write(voice)}<nop next="99"/>
${kinds.map(([, { does }], i) => `<label id="${i + 1}"/>${write(does)}<nop next="99"/>`).join('\n')}
<label id="99"/>
${nop(log('end'))}<pause milliseconds="1"/>
</scenario>
`;
}

/**
 * sipp takes no step in one go with the next: it ignores what comes before its turn, which over TCP nobody sends again. So nothing
 * stands between what the caller may answer at once and the receipt of that.
 */
function writeStep(step: string, folder: string, digest: Digest): string {
  const [verb, ...words] = step.split(' ');
  switch (verb) {
    case 'ring':
      return nop(log('ring')) + respond('180 Ringing');
    case 'progress':
      return nop(log('progress')) + respond('183 Session Progress', { sdp: true }) + nop(play(folder, words[0]));
    case 'answer':
      return (
        respond('200 OK', { sdp: true, isFinal: true }) +
        `<recv request="ACK"><action>${log('answer')}${play(folder, words[0])}</action></recv>`
      );
    case 'challenge': {
      const challenge = `WWW-Authenticate: Digest realm="interop", nonce="47ebe028cda119c35d4877b383027d28", algorithm=MD5`;
      const verify = `<verifyauth assign_to="isAuthentic" username="${digest.username}" password="${digest.password}"/>`;
      return (
        respond('401 Unauthorized', { isFinal: true, header: challenge }) +
        `<recv request="ACK"/><recv request="INVITE" rrs="true"><action>${verify}${capture('CSeq:', '[0-9]+', 'cseq')}</action></recv>` +
        '<nop hide="true" test="isAuthentic" next="50"/>' +
        respond('403 Forbidden', { isFinal: true }) +
        '<recv request="ACK" next="99"/><label id="50"/>'
      );
    }
    case 'refuse': {
      const [status, cause, ...text] = words;
      const header = `Reason: Q.850;cause=${cause}`;
      return respond(`${status} ${text.join(' ')}`, { isFinal: true, header }) + '<recv request="ACK"/>';
    }
    case 'canceled':
      return (
        `<recv request="CANCEL"><action>${log('cancel')}</action></recv>` +
        respond('200 OK') +
        respond('487 Request Terminated', { isFinal: true, isToInvite: true }) +
        '<recv request="ACK"/>'
      );
    case 'wait':
      return `<pause milliseconds="${words[0]}"/>`;
    case 'hung':
      return '<recv request="BYE"/>' + respond('200 OK');
    case 'hang':
      return bye + '<recv response="200"/>';
    default:
      throw new Error(`no such step: ${step}`);
  }
}

interface Response {
  readonly sdp?: boolean;
  /** Sent again until it is acknowledged. */
  readonly isFinal?: boolean;
  readonly header?: string;
  /** … and not to the request that came last. */
  readonly isToInvite?: boolean;
}

function respond(status: string, { sdp, isFinal, header, isToInvite }: Response = {}): string {
  const type = sdp ? 'Content-Type: application/sdp\n' : '';
  return `<send${isFinal ? ' retrans="500"' : ''}><![CDATA[
SIP/2.0 ${status}
${isToInvite ? '[$vias]' : '[last_Via:]'}
[last_Record-Route:]
[last_From:]
[last_To:]${to}
[last_Call-ID:]
${isToInvite ? 'CSeq: [$cseq] INVITE' : '[last_CSeq:]'}
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
${header === undefined ? '' : `${header}\n`}${type}Content-Length: [len]

${sdp ? offer : ''}]]></send>
`;
}

/** All lines of a request's Via, as they stand one below the other. */
const vias = 'Via:[^[:cntrl:]]*([[:cntrl:]]+Via:[^[:cntrl:]]*)*';

/** BYE and CANCEL come with the tag already, and sipp keeps the one that is there. */
const to = ';tag=[pid]SIPp[call_number]';

const offer = `v=0
o=callee 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
`;

const bye = `<send retrans="500"><![CDATA[
BYE [$contact] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
From: [$local]${to}
To: [$remote]
[last_Call-ID:]
CSeq: 1 BYE
Max-Forwards: 70
Reason: Q.850;cause=16
Content-Length: 0

]]></send>
`;

function play(folder: string, sound: string | undefined): string {
  return sound === undefined ? '' : `<exec rtp_stream="${folder}/${sound}.ul,1,0,PCMU/8000"/>`;
}

function log(event: string, detail = ''): string {
  return `<log message="ledger [call_id] ${event} [$number] ${detail}"/>`;
}

function nop(action: string): string {
  return `<nop><action>${action}</action></nop>\n`;
}

function capture(header: string, regexp: string, variable: string): string {
  return `<ereg regexp="${regexp}" search_in="hdr" header="${header}" assign_to="${variable}"/>`;
}
