import {answerJobs} from '../thread/answer-jobs.js';
import {judgeInRelease} from './in-release-thread.js';

answerJobs(judgeInRelease);
