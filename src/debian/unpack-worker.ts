import {answerJobs} from '../thread/answer-jobs.js';
import {tryToExtract} from './unpack-thread.js';

answerJobs(tryToExtract);
