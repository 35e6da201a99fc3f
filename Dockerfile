FROM node:20-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run -s build:console
USER node
EXPOSE 8080
CMD ["npm", "start", "--", "all"]
