import {answerJobs} from '../thread/answer-jobs.js';
import {tryToValidate} from './validation-thread.js';

answerJobs(tryToValidate);
