/**
 * The service's contract as the pages use it. Shapes come from `contract.ts`, which is generated
 * from the service (`make contract`); here is only what a schema cannot say.
 */
import type * as Contract from './contract';

export type {
  ActionView,
  ApproveMessage,
  AttachmentView,
  Board,
  CallerView,
  CallSummary,
  CareEdit,
  CareView,
  ChecklistItem,
  ClientCard,
  ConsigneChange,
  ConsigneInput,
  ConsignesAt,
  ConsigneView,
  ContactView,
  Credentials,
  DemoCall,
  DemoCallRequest,
  DemoCallState,
  DemoLine,
  DayView,
  DocumentView,
  DraftFieldView,
  DraftView,
  EditsView,
  EntryChange,
  EntryInput,
  EntryUse,
  EntryView,
  EventData,
  ExerciseEdit,
  ExerciseOffered,
  ExerciseView,
  Feedback,
  FeedbackGiven,
  FormFieldView,
  GapView,
  GuidanceChanged,
  HeardWord,
  ImportJob,
  ImportSummary,
  Me,
  MessageView,
  LineAccess,
  NewExercise,
  NextStep,
  Problem,
  ReadingProblem,
  CallMoved,
  RecordingChanged,
  LineView,
  RunView,
  SaidView,
  SearchResult,
  SetUpView,
  SessionDescription,
  OperatorView,
  PanelBoard,
  PanelSessionView,
  Supervise,
  TextDecided,
  TextDecision,
  TransferChanged,
  TransferWish,
  VersionView,
  WordingView,
  WritingChanged,
  WaitingView,
  WelcomeEdit,
  WelcomeView,
} from './contract';

export type Role = Contract.Me['role'];
export type Language = Contract.Me['language'];
export type CallState = Contract.CallSummary['state'];
export type Source = Contract.CallSummary['source'];
export type LegRole = Contract.UtteranceHeard['leg'];
export type Part = Contract.Trouble['part'];
export type MessageState = Contract.MessageView['state'];
export type TextName = Contract.TextDecided['name'];
export type Urgency = 'normal' | 'urgent' | 'critique';
/** An answer as offered in a call or found by asking. */
export type ShownCard = Pick<
  Contract.Card,
  'entry_id' | 'question' | 'answer' | 'source' | 'confidence' | 'matched'
> &
  Partial<Pick<Contract.CardView, 'marks' | 'note' | 'place' | 'links'>>;
export type PresenceState = Contract.PresenceEdit['state'];
export type SoundKind = Contract.SoundView['kind'];
export type SupervisorPart = Contract.Supervise['part'];
export type EventKind = keyof Contract.EventData;

/** One event of a call. Kinds this build does not know are possible and ignored. */
export type EventView = {
  [K in EventKind]: Omit<Contract.EventView, 'kind' | 'data'> & {
    kind: K;
    data: Contract.EventData[K];
  };
}[EventKind];

export type CallDetail = Omit<Contract.CallDetail, 'events'> & { events: EventView[] };

export type SaidBefore = Omit<Contract.SaidBefore, 'events'> & { events: EventView[] };
