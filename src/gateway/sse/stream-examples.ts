/** What the streams look like, for the API document. */
export const SSE_EXAMPLE = `id: 1.0
event: message:new
data: {"id":"019…","seq":1,"role":"user","content":"Hello", …}

id: 2.0
event: message:new
data: {"id":"019…","seq":2,"role":"assistant","content":"","status":"streaming", …}

id: 2.4
event: message:stream
data: {"messageId":"019…","sessionId":"019…","delta":"You ","offset":0}

id: 3.0
event: message:done
data: {"messageId":"019…","sessionId":"019…","status":"complete"}

`;

export const ROOM_SSE_EXAMPLE = `id: 7.0
event: newMessage
data: {"chatRoomId":"019…","message":{"id":"019…","seq":7,"changeSeq":7,"role":"user","content":"Tea?", …}}

id: 9.0
event: participantsChanged
data: {"chatRoomId":"019…","from":8,"changeSeq":9,"participants":[{"userId":"019…","changeSeq":9,"lastReadSeq":7,"lastDeliveredSeq":7}]}

`;

export const NDJSON_EXAMPLE = `{"delta":"You "}
{"delta":"said: Hello"}
{"done":true,"messageId":"019…","status":"complete"}
`;
