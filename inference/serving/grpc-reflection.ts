import { type DescFile, type DescService, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type {
  ServerReflection,
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "../../proto/gen/grpc/reflection/v1/reflection_pb.js";

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

/** grpc.reflection.v1.ServerReflection: tools such as grpcurl learn from it what the server serves. */
export function grpcReflection(services: readonly DescService[]): ServiceImpl<typeof ServerReflection> {
  const files = new Map<string, DescFile>();
  for (const { file } of services) collect(file, files);
  const homes = new Map<string, DescFile>();
  for (const file of files.values()) for (const symbol of symbolsOf(file)) homes.set(symbol, file);

  const answer = ({ messageRequest: request }: ServerReflectionRequest): Answer => {
    switch (request.case) {
      case "listServices":
        return { case: "listServicesResponse", value: { service: services.map(({ typeName: name }) => ({ name })) } };
      case "fileByFilename":
        return describe(files.get(request.value), request.value);
      case "fileContainingSymbol":
        return describe(homes.get(request.value), request.value);
      case "allExtensionNumbersOfType":
        return { case: "allExtensionNumbersResponse", value: { baseTypeName: request.value, extensionNumber: [] } };
      case "fileContainingExtension":
        return describe(undefined, request.value.containingType);
      case undefined:
        return failure(Code.InvalidArgument, "Ask for something.");
    }
  };

  return {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        yield { validHost: request.host, originalRequest: request, messageResponse: answer(request) };
      }
    },
  };
}

/** The file with everything it imports, itself first. */
function describe(file: DescFile | undefined, asked: string): Answer {
  if (file === undefined) return failure(Code.NotFound, `There is no ${asked} here.`);
  const needed = new Map<string, DescFile>();
  collect(file, needed);
  const fileDescriptorProto = [...needed.values()].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

const failure = (errorCode: Code, errorMessage: string): Answer => ({
  case: "errorResponse",
  value: { errorCode, errorMessage },
});

function collect(file: DescFile, into: Map<string, DescFile>): void {
  if (into.has(file.proto.name)) return;
  into.set(file.proto.name, file);
  for (const dependency of file.dependencies) collect(dependency, into);
}

/** Full names of what a file declares at its top, and of its services' methods. */
function symbolsOf({ messages, enums, services }: DescFile): string[] {
  return [
    ...messages.map(({ typeName }) => typeName),
    ...enums.map(({ typeName }) => typeName),
    ...services.flatMap(({ typeName, methods }) => [typeName, ...methods.map(({ name }) => `${typeName}.${name}`)]),
  ];
}
