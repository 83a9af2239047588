/** Messages of the workflows. Wire names are plain; docs/reference/messages.md shows their JSON. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  AddCallsInput,
  CampaignStatus,
  CancelRequest,
  Closing,
  DialResult,
  ExtendRequest,
  Gate,
  HeldCall,
  IntakeSummary,
  LeaseGrant,
  LeaseRequest,
  QueueLines,
  SegmentStatus,
} from '../src/contract';

/** To a campaign or call: stop. Calls that are connected are left to finish unless `hangUp`. */
export const cancelSignal = defineSignal<[CancelRequest?]>('cancel');
/** To a campaign or standalone call: expire later. */
export const extendSignal = defineSignal<[ExtendRequest]>('extend');
/** To a campaign or standalone call: start no dial until resumed. */
export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');

/** Of the same effect as the signals, but they answer with the gate once it is written, or refuse with the reason. */
export const cancelUpdate = defineUpdate<Gate, [CancelRequest?]>('cancel');
export const extendUpdate = defineUpdate<Gate, [ExtendRequest]>('extend');
export const pauseUpdate = defineUpdate<Gate>('pause');
export const resumeUpdate = defineUpdate<Gate>('resume');
/** To a campaign: more calls. */
export const addCallsUpdate = defineUpdate<IntakeSummary, [AddCallsInput]>('addCalls');

export const campaignProgressQuery = defineQuery<CampaignStatus>('progress');
/** Of a call: how dialing ended, null until then. */
export const endQuery = defineQuery<DialResult | null>('end');
export const segmentProgressQuery = defineQuery<SegmentStatus>('progress');

/** From a campaign to its segments, and from either to their calls. */
export const closeSignal = defineSignal<[Closing]>('close');
/** From a call to its parent: a pause holds it. */
export const heldSignal = defineSignal<[HeldCall]>('held');
/** From a campaign to its segments, and from either to calls that are held: it was resumed, when. */
export const resumedSignal = defineSignal<[number]>('resumed');
/** From a segment to its campaign: all its calls are started. */
export const filledSignal = defineSignal<[number]>('filled');

/** To a queue's lines: no dial starts until `start`. Answers who may still start one; ask again until nobody may. */
export const stopUpdate = defineUpdate<QueueLines>('stop');
export const startUpdate = defineUpdate<QueueLines>('start');
export const linesQuery = defineQuery<QueueLines>('lines');
/** From a worker process to a queue's lines: its lease, and that it is gone. */
export const leaseUpdate = defineUpdate<LeaseGrant, [LeaseRequest]>('lease');
export const leaveSignal = defineSignal<[worker: string]>('leave');
